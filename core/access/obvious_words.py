"""Words and names that stand at the heart of easily guessed passwords, in both languages (SEC-14)."""

WORDS = """
password passwort parol admin administrator root user guest test tester demo sample default temp master
manager director office company staff worker service support sales system server computer internet network
windows linux android iphone samsung google yandex facebook youtube telegram whatsapp contact vkontakte
letmein welcome hello access login secret private pass word qwerty qwertz azerty zaqxsw changeme nopassword
iloveyou loveyou lovely love loveme baby angel princess prince sunshine sweet honey kitty kitten puppy doggy
monkey dragon tiger lion eagle falcon wolf bear horse shark cobra snake spider panther phoenix unicorn
football soccer baseball basketball hockey tennis chelsea arsenal liverpool spartak zenit dynamo lokomotiv cska
superman batman spiderman pokemon naruto starwars matrix minecraft shadow ninja hunter killer warrior knight
summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february march april
june july august september october november december morning evening midnight
money dollar rouble lucky happy smile heaven hell devil god jesus christ forever freedom whatever nothing
flower rose orange banana apple cherry cookie chocolate cheese butter coffee vodka pepper ginger
silver golden diamond crystal purple yellow green black white red blue
mustang ferrari porsche mercedes audi toyota honda nissan mazda hyundai lada volga volvo ford jeep chevrolet
renault skoda kia lexus subaru suzuki mitsubishi haval chery geely exeed omoda changan jetour bmw volkswagen
moscow moskva russia rossiya london paris berlin america canada china victoria sibir piter petersburg
michael jordan jennifer jessica ashley daniel thomas robert george charlie andrew matthew joshua anthony
william richard joseph david james john nicole michelle amanda melissa samantha elizabeth jasmine taylor
alexander alexandr alexey aleksandr aleksey andrey anton artem boris vadim valera vasya viktor vitaly vladimir
vladislav gennady georgy denis dmitry dima evgeny egor ivan igor ilya kirill konstantin leonid maxim maksim
mikhail misha nikita nikolay oleg pavel petr roman ruslan sasha semen sergey serega stanislav stepan timur yuri
alena alina anastasia nastya anna angelina valentina valeria vera veronika galina daria dasha diana evgenia
ekaterina katya elena lena irina karina kristina ksenia larisa lilia lyudmila margarita marina maria masha
nadezhda natalia natasha oksana olga olya polina svetlana sveta tatiana tanya ulyana yulia yana
пароль админ администратор привет любовь люблю солнце солнышко котик кошка собака зайка зайчик рыбка малыш
малышка красотка принцесса королева король дракон тигр медведь волк сокол ангел демон дьявол звезда небо море
мама папа семья бабушка дедушка сестра братик дочка сынок друзья дружба счастье удача жизнь свобода победа
россия москва питер родина страна футбол хоккей спартак зенит динамо локомотив машина автомобиль тачка
работа директор начальник менеджер компания офис сервис продажи компьютер интернет система телефон
лето зима весна осень январь февраль март апрель июнь июль август сентябрь октябрь ноябрь декабрь
понедельник вторник среда четверг пятница суббота воскресенье деньги рубль доллар золото серебро
александр алексей андрей антон артем борис вадим василий виктор виталий владимир владислав геннадий георгий
денис дмитрий дима евгений егор иван игорь илья кирилл константин леонид максим михаил миша никита николай олег
павел петр роман руслан саша семен сергей серега станислав степан тимур юрий
алена алина анастасия настя анна ангелина валентина валерия вера вероника галина дарья даша диана евгения
екатерина катя елена лена ирина карина кристина ксения лариса лилия людмила маргарита марина мария маша
надежда наталья наташа оксана ольга оля полина светлана света татьяна таня ульяна юлия яна
йцукен фывапр ячсмит
playboy hardcore
babygirl babyboy beautiful butterfly friend friends forever together precious blessed destiny darkness remember
creative monster maverick scooter bubbles snickers icecream marlboro cocacola pepsi heineken swordfish dolphin
scorpion elephant chicken turtle rabbit penguin raccoon hamster zebra gorilla leopard panda parrot pigeon sparrow
spongebob garfield tinkerbell poohbear mickey minnie donald goofy snoopy scooby pikachu shrek barbie hellokitty
harrypotter gandalf frodo legolas aragorn skywalker vader yoda trinity neo morpheus terminator predator rambo
metallica slipknot nirvana greenday blink eminem rammstein scorpions queen beatles elvis madonna shakira rihanna
justin bieber beyonce kurt cobain jackson johnson smith williams brown jones miller davis wilson anderson
barcelona realmadrid juventus milan inter manchester united chelsea liverpool everton benfica porto celtic rangers
steelers cowboys yankees raiders eagles packers lakers bulls celtics dodgers redsox giants broncos patriots
california newyork brooklyn chicago texas florida carolina virginia georgia arizona montana nevada alaska dakota
pakistan portugal marseille argentina colombia mexico brazil france germany spain italy greece turkey poland india
england scotland ireland sweden norway finland denmark holland belgium austria ukraine belarus kazakhstan japan
jonathan benjamin christian brandon nicholas patrick sebastian emmanuel leonardo fernando alejandro cameron
brittany danielle stephanie patricia heather alexandra caroline isabella kimberly charlotte christine cristina
tiffany courtney shannon madison veronica rebecca rachel laura sarah hannah lauren megan natalie olivia sophia emily
kevin brian steven edward ronald timothy jason jeffrey ryan jacob gary eric stephen larry justin scott frank
gregory raymond samuel jack dennis jerry tyler aaron jose henry adam douglas nathan peter zachary kyle walter
harold jeremy carlos antonio miguel eduardo francisco ricardo manuel diego javier pedro juan luis marco mario
myspace linkedin friendster hotmail gmail rambler mailru odnoklassniki skype steam minecraft roblox counterstrike
playstation nintendo xbox logitech motorola nokia siemens ericsson toshiba intel philips kawasaki yamaha ducati
rainbow snowball softball swimming volleyball skating boxing karate surfer rockstar gangsta hiphop guitar drummer
piano music dance dancer artist doctor nurse teacher student school college police fireman soldier captain pirate
general major sergeant marine army navy airforce america corvette camaro charger challenger cadillac lincoln
jesuschrist bismillah allah muhammad buddha krishna hallelujah amen genesis exodus revelation salvation blessing
trust trustno target super extreme ultimate power strong mighty magic wizard dragonfly firebird thunder lightning
storm hurricane tornado volcano ocean island beach mountain river forest garden sunset sunrise moonlight starlight
hacker hacking matrix cyber digital virtual online offline download database program developer engineer
something anything everything nobody somebody everybody myself yourself himself herself
gordon hunter buster rusty sparky lucky rocky bailey jasper oliver simba bandit oscar cooper harley winston
morgan dakota marshall preston trevor austin dallas houston phoenix denver boston seattle orlando
spitfire bulldog wildcat tomcat blackcat catwoman wolverine punisher deadpool avengers ironman
zaika solnishko solnce lubov lublu privet parolparol vinogr kotenok medved russian natashka svetik marinka
klubnika malinka vishenka kapusta morkovka kartoshka arbuz apelsin mandarin shokolad
solomon emperor dynasty kingdom castle knight crusader templar legend legends heroes champion winner loser
danger dangerous illusion paradise fantasy dreamer dream dreams sleeping beauty gorgeous handsome charming
"""

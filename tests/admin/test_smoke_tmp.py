import pytest
pytestmark=[]
def test_all(visit, app, dealership):
    v=visit("admin")
    for p in ["/admin","/admin/users","/admin/users/new","/admin/users/%d"%dealership.people["petukhov"],"/admin/users/1/edit","/admin/roles","/admin/roles/1","/admin/roles/new","/admin/branches","/admin/branches/1","/admin/branches/1/edit","/admin/departments","/admin/departments/1","/admin/departments/new","/admin/departments/1/hours","/admin/settings","/admin/addons","/admin/jobs","/admin/audit","/admin/audit/1","/admin/audit?panel=1","/admin/sign-ins","/admin/sign-ins/1","/admin/tokens","/tasks","/tasks?view=later","/tasks?view=given","/tasks?view=done","/tasks/new","/timeline/core_department/1","/timeline/contacts_goal/1","/goals/1","/people?q=gtne"]:
        r=v.get(p)
        print(p, r.status_code)
        assert r.status_code==200, (p, r.text[:3000])
